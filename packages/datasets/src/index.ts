import type { Plugin } from '@fedx/core';
import { cifar10 } from './cifar-10.js';
import { csv } from './csv/index.js';
import { emnist } from './emnist.js';
import { fashionMnist } from './fashion-mnist.js';
import { mnist } from './mnist.js';
import { synthetic } from './synthetic.js';

/** The datasets that ship with fedx. */
export const datasets: readonly Plugin[] = [cifar10, csv, emnist, fashionMnist, mnist, synthetic];
