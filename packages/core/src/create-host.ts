import type { Host, HostOptions } from './compose-root.js';
import { FedxError } from './errors/index.js';
import { createCatalogue } from './plugins/index.js';
import { resolveRequest } from './resolve-request.js';
import { explainSpec } from './spec/index.js';

/** A host with these plugins. What checks a spec loads neither the container nor what a run needs. */
export function createHost(options: HostOptions): Host {
  const builtIns = createCatalogue(options.plugins);
  let composed: Promise<Omit<Host, 'validate' | 'explain'>> | undefined;
  const compose = () => (composed ??= import('./compose-root.js').then(({ composeHost }) => composeHost(options)));
  return {
    validate: async (request) => (await resolveRequest(request, builtIns)).points,
    explain: async (request) => {
      const { points, parsed } = await resolveRequest(request, builtIns);
      const [first] = points;
      if (first === undefined) throw new FedxError('FEDX_INTERNAL', 'A spec resolved to no point.');
      return { spec: first.spec, values: explainSpec(first.spec, parsed) };
    },
    plan: async (request) => (await compose()).plan(request),
    run: async (request, runOptions) => (await compose()).run(request, runOptions),
    resume: async (invocation, runOptions) => (await compose()).resume(invocation, runOptions),
  };
}
