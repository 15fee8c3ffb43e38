import { FedxError, isFedxError } from '../errors/index.js';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists already',
  EFBIG: 'the file would become larger than allowed',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** FEDX_STORAGE_FAILED for a failure of the file system, naming the path; an error that has a code of ours stays as it is. */
export function storageFailed(action: 'create' | 'read' | 'remove' | 'write', path: string, cause: unknown): FedxError {
  if (isFedxError(cause)) return cause;
  return new FedxError('FEDX_STORAGE_FAILED', `Cannot ${action} ${path}: ${reasonOf(cause)}.`, {
    place: { file: path },
    cause,
  });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  const reason = code === undefined ? undefined : reasons[code];
  return reason === undefined ? cause.message : `${reason} (${code})`;
}
