export { drawHeatmap, type Heatmap } from './heatmap.js';
