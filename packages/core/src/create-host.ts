import type { Host, HostOptions } from './compose-root.js';
import { createCatalogue } from './plugins/index.js';
import { resolveRequest } from './resolve-request.js';
import { explainSpec } from './spec/index.js';

/** A host with these plugins. What checks a spec loads neither the container nor what a run needs. */
export function createHost(options: HostOptions): Host {
  const builtIns = createCatalogue(options.plugins);
  let composed: Promise<Omit<Host, 'validate' | 'explain'>> | undefined;
  const compose = () => (composed ??= import('./compose-root.js').then(({ composeHost }) => composeHost(options)));
  return {
    validate: async (request) => (await resolveRequest(request, builtIns)).spec,
    explain: async (request) => {
      const { spec, parsed } = await resolveRequest(request, builtIns);
      return { spec, values: explainSpec(spec, parsed) };
    },
    plan: async (request) => (await compose()).plan(request),
    run: async (request, runOptions) => (await compose()).run(request, runOptions),
    sync: async (run, syncOptions) => (await compose()).sync(run, syncOptions),
  };
}
