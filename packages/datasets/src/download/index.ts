export { type DownloadOptions, download, type Resource } from './download.js';
export type { Patience } from './fetch-file.js';
export { readTar, unzipOnce } from './unpack.js';
