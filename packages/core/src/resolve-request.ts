import { type Catalogue, type LoadedPlugin, loadPlugins } from './plugins/index.js';
import { type ParsedSpec, parseSpec, readSpec, resolveSweep, type SeedRequest, type SpecPoint } from './spec/index.js';

/** A spec file with the `path=value` arguments that change it. */
export interface SpecRequest {
  readonly file: string;
  readonly overrides: readonly string[];
  /** A sweep over seeds: so many from the spec's own on, or these. */
  readonly seeds?: SeedRequest;
  /** What the file holds, where it has been read already. */
  readonly text?: string;
}

/** A request, resolved. */
export interface ResolvedRequest {
  /** The points of its sweep; a single one where there is none. */
  readonly points: readonly SpecPoint[];
  /** The spec as it was written, with the place of every value. */
  readonly parsed: ParsedSpec;
  /** The built-in plugins and the spec's own. */
  readonly catalogue: Catalogue;
  /** The spec's own plugins. */
  readonly loaded: readonly LoadedPlugin[];
}

/** Reads a spec, as right or wrong as it is, and loads its plugins, which are executed. */
export async function loadSpec(
  { file, overrides, seeds, text }: SpecRequest,
  builtIns: Catalogue,
): Promise<Omit<ResolvedRequest, 'points'>> {
  const parsed = await parseSpec(file, text ?? (await readSpec(file)), overrides, {
    ...(seeds !== undefined && { seeds }),
  });
  const loaded = await loadPlugins(parsed.plugins, parsed.directory);
  return { parsed, loaded, catalogue: builtIns.with(loaded) };
}

/** Reads a spec, loads its plugins and resolves it. Executes the plugins. Throws FEDX_SPEC_… with all diagnostics. */
export async function resolveRequest(request: SpecRequest, builtIns: Catalogue): Promise<ResolvedRequest> {
  const { parsed, catalogue, loaded } = await loadSpec(request, builtIns);
  return { points: await resolveSweep(parsed, catalogue), parsed, catalogue, loaded };
}
