import { FedxError } from './errors/index.js';
import type { Host, HostOptions } from './host-contract.js';
import { listPlugins } from './list-plugins.js';
import { createCatalogue } from './plugins/index.js';
import { loadSpec, resolveRequest } from './resolve-request.js';
import { editorSchema, explainSpec } from './spec/index.js';

/** A host with these plugins. What checks a spec loads neither the container nor what a run needs. */
export function createHost(options: HostOptions): Host {
  const builtIns = createCatalogue(options.plugins);
  let composed: Promise<Omit<Host, 'schema' | 'plugins' | 'validate' | 'explain'>> | undefined;
  const compose = () => (composed ??= import('./compose-root.js').then(({ composeHost }) => composeHost(options)));
  return {
    schema: async (file) => {
      if (file === undefined) return editorSchema(builtIns, []);
      const { catalogue, parsed } = await loadSpec({ file, overrides: [] }, builtIns);
      return editorSchema(
        catalogue,
        parsed.plugins.map(({ specifier }) => specifier),
      );
    },
    plugins: (file) => listPlugins(builtIns, file),
    validate: async (request) => (await resolveRequest(request, builtIns)).points,
    explain: async (request) => {
      const { points, parsed } = await resolveRequest(request, builtIns);
      const [first] = points;
      if (first === undefined) throw new FedxError('FEDX_INTERNAL', 'A spec resolved to no point.');
      return { spec: first.spec, values: explainSpec(first.spec, parsed) };
    },
    standing: async (request) => (await compose()).standing(request),
    plan: async (request, planOptions) => (await compose()).plan(request, planOptions),
    run: async (request, runOptions) => (await compose()).run(request, runOptions),
    resume: async (name, runOptions) => (await compose()).resume(name, runOptions),
    export: async (request) => (await compose()).export(request),
    sync: async (run, syncOptions) => (await compose()).sync(run, syncOptions),
    syncMissing: async (server, syncOptions) => (await compose()).syncMissing(server, syncOptions),
  };
}
