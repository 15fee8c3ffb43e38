export { corrupt } from './idx-file.js';
export { type ImageFolderHashes, type ImageFolderOptions, readImageFolder } from './image-folder.js';
