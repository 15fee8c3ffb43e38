import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a plugin's package says of itself. */
export interface Manifest {
  /** Where it is, or the folder of the file that has none. */
  readonly folder: string;
  readonly version?: string;
  /** The versions of @fedx/core that it was made for: its peer dependency. */
  readonly fedxRange?: string;
}

/** The package.json that `file` belongs to: the nearest one upwards that has a name. */
export async function nearestManifest(file: string): Promise<Manifest> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = await readManifest(join(folder, 'package.json'));
    if (typeof manifest?.name === 'string') {
      const { version, peerDependencies } = manifest;
      const range = isRecord(peerDependencies) ? peerDependencies['@fedx/core'] : undefined;
      return {
        folder,
        ...(typeof version === 'string' && { version }),
        ...(typeof range === 'string' && { fedxRange: range }),
      };
    }
    if (folder === dirname(folder)) return { folder: dirname(file) };
  }
}

async function readManifest(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRecord(manifest) ? manifest : undefined;
  } catch {
    // There is none here, or none that can be read: npm would not have installed it, so it says nothing.
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
