import type { Plugin } from '@fedx/core';
import { dirichletClass } from './dirichlet-class.js';
import { dirichletLabel } from './dirichlet-label.js';
import { dominantLabel } from './dominant-label.js';
import { iid } from './iid.js';
import { labelShards } from './label-shards.js';
import { labelsPerClient } from './labels-per-client.js';
import { missingLabels } from './missing-labels.js';
import { quantity } from './quantity.js';

/** The partitioners that ship with fedx. */
export const partitioners: readonly Plugin[] = [
  dirichletClass,
  dirichletLabel,
  dominantLabel,
  iid,
  labelShards,
  labelsPerClient,
  missingLabels,
  quantity,
];
