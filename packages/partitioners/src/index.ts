import type { Plugin } from '@fedx/core';
import { byColumn } from './by-column.js';
import { dirichletClass } from './dirichlet-class.js';
import { dirichletLabel } from './dirichlet-label.js';
import { dominantLabel } from './dominant-label.js';
import { featureNoise } from './feature-noise.js';
import { fromFile } from './from-file.js';
import { iid } from './iid.js';
import { labelShards } from './label-shards.js';
import { labelsPerClient } from './labels-per-client.js';
import { missingLabels } from './missing-labels.js';
import { mixture } from './mixture.js';
import { quantity } from './quantity.js';
import { rotation } from './rotation.js';

/** The partitioners that ship with fedx. */
export const partitioners: readonly Plugin[] = [
  byColumn,
  dirichletClass,
  dirichletLabel,
  dominantLabel,
  featureNoise,
  fromFile,
  iid,
  labelShards,
  labelsPerClient,
  missingLabels,
  mixture,
  quantity,
  rotation,
];
