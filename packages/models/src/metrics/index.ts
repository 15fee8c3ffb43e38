export { balancedAccuracy } from './balanced-accuracy.js';
export { expectedCalibrationError } from './expected-calibration-error.js';
export { macroF1 } from './macro-f1.js';
export { topKAccuracy } from './top-k-accuracy.js';
