import { type Catalogue, loadPlugins } from './plugins/index.js';
import { type ExperimentSpec, type ParsedSpec, parseSpec, readSpec, resolveSpec } from './spec/index.js';

/** A spec file with the `path=value` arguments that change it. */
export interface SpecRequest {
  readonly file: string;
  readonly overrides: readonly string[];
}

/** A request, resolved. */
export interface ResolvedRequest {
  readonly spec: ExperimentSpec;
  /** The spec as it was written, with the place of every value. */
  readonly parsed: ParsedSpec;
  /** The built-in plugins and the spec's own. */
  readonly catalogue: Catalogue;
}

/** Reads a spec, as right or wrong as it is, and loads its plugins, which are executed. */
export async function loadSpec(
  { file, overrides }: SpecRequest,
  builtIns: Catalogue,
): Promise<Pick<ResolvedRequest, 'parsed' | 'catalogue'>> {
  const parsed = await parseSpec(file, await readSpec(file), overrides);
  return { parsed, catalogue: builtIns.with(await loadPlugins(parsed.plugins, parsed.directory)) };
}

/** Reads a spec, loads its plugins and resolves it. Executes the plugins. Throws FEDX_SPEC_… with all diagnostics. */
export async function resolveRequest(request: SpecRequest, builtIns: Catalogue): Promise<ResolvedRequest> {
  const { parsed, catalogue } = await loadSpec(request, builtIns);
  return { spec: await resolveSpec(parsed, catalogue), parsed, catalogue };
}
