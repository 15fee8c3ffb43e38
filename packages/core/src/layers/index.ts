export { fromLayers } from './from-layers.js';
