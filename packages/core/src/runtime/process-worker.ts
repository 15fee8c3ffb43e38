/** Entry of a worker process: runs TensorFlow programs. Its argument is the file of the native addon. */
import { loadAddon, openProgram } from '../engines/tensorflow/index.js';
import { serveProcess } from './serve-process.js';

const addon = loadAddon(process.argv[2] ?? '');
serveProcess((program) => openProgram(addon, program));
