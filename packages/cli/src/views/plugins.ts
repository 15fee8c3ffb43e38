import { type OptionRow, optionTable, type PluginKind, type PluginListing } from '@fedx/core/host';
import type { Paint } from './paint.js';
import { type Column, renderTable } from './table.js';

const left = (heading: string): Column => ({ heading, align: 'left' });

/** Where a spec chooses a plugin of each kind, around the slot. */
const slots: Record<PluginKind, readonly [string, string]> = {
  dataset: ['dataset: ', ''],
  partitioner: ['partition: ', ''],
  model: ['model: ', ''],
  optimizer: ['client: { optimizer: ', ' }'],
  schedule: ['client: { schedule: ', ' }'],
  strategy: ['strategy: ', ''],
  sampler: ['server: { cohort: ', ' }'],
  transform: ['transforms: [', ']'],
  metric: ['evaluate: { metrics: [', '] }'],
  sink: ['tracking: { sinks: [', '] }'],
  attack: ['environment: { attackers: { share: 0.2, attack: ', ' } }'],
};

/** All plugins, a line each. */
export function renderPlugins(plugins: readonly PluginListing[], paint: Paint): Promise<string> {
  const columns = ['kind', 'name', 'from', 'version', 'options'].map(left);
  const rows = plugins.map(({ kind, name, origin, version = '–', options }) => [
    kind,
    paint('bold', name),
    origin,
    version,
    optionTable(options).map(briefly).join(', '),
  ]);
  return renderTable(columns, rows);
}

/** One plugin: what it does, where it comes from, how a spec chooses it, and its options. */
export async function renderPlugin(plugin: PluginListing, paint: Paint): Promise<string> {
  const { kind, name, origin, version, description, options } = plugin;
  const rows = optionTable(options);
  const from = version === undefined ? origin : `${origin} ${version}`;
  return [
    `${paint('bold', name)}  ${kind}, from ${from}`,
    ...(description === '' ? [] : [description]),
    `${paint('bold', 'In a spec')}\n${usage(kind, name, rows)}`,
    `${paint('bold', 'Options')}\n${rows.length === 0 ? 'none' : await renderOptions(rows)}`,
  ].join('\n\n');
}

/** An option with its default, or marked as required: `clients, hidden=[128]`. */
function briefly({ name, default: standard, isRequired }: OptionRow): string {
  if (standard !== undefined) return `${name}=${standard}`;
  return isRequired ? `${name} (required)` : name;
}

function usage(kind: PluginKind, name: string, rows: readonly OptionRow[]): string {
  const [before, after] = slots[kind];
  const written = rows
    .filter(({ default: standard, isRequired }) => standard !== undefined || isRequired)
    .map((row) => `${row.name}: ${row.default ?? '…'}`);
  return `${before}{ ${[`use: ${name}`, ...written].join(', ')} }${after}`;
}

function renderOptions(rows: readonly OptionRow[]): Promise<string> {
  const columns = ['option', 'type', 'range', 'default', 'description'].map(left);
  return renderTable(
    columns,
    rows.map(({ name, type, range, default: standard, isRequired, description }) => [
      name,
      type,
      range,
      standard ?? (isRequired ? 'required' : ''),
      description,
    ]),
  );
}
