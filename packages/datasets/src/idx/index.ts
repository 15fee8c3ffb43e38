export { type ImageFolderHashes, type ImageFolderOptions, readImageFolder } from './image-folder.js';
