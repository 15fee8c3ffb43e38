import type { Plugin } from '@fedx/core';
import { alie } from './attacks/alie.js';
import { gaussianAttack } from './attacks/gaussian.js';
import { labelFlip } from './attacks/label-flip.js';
import { scaledReplacement } from './attacks/scaled-replacement.js';
import { signFlip } from './attacks/sign-flip.js';
import { fedavg } from './fedavg.js';
import { fedavgm } from './fedavgm.js';
import { feddyn } from './feddyn.js';
import { fednova } from './fednova.js';
import { fedadagrad, fedadam, fedyogi } from './fedopt.js';
import { fedprox } from './fedprox.js';
import { mimelite } from './mimelite.js';
import { moon } from './moon.js';
import { ditto } from './personal/ditto.js';
import { fedbn } from './personal/fedbn.js';
import { fedper } from './personal/fedper.js';
import { qfedavg } from './qfedavg.js';
import { fedmedian, trimmedMean } from './robust/coordinate-wise.js';
import { geometricMedian } from './robust/geometric-median.js';
import { bulyan, krum, multiKrum } from './robust/krum.js';
import { all } from './samplers/all.js';
import { availability } from './samplers/availability.js';
import { fixed } from './samplers/fixed.js';
import { poisson } from './samplers/poisson.js';
import { powerOfChoice } from './samplers/power-of-choice.js';
import { uniform } from './samplers/uniform.js';
import { scaffold } from './scaffold.js';
import { adaptiveClip } from './transforms/adaptive-clip.js';
import { gaussianNoise } from './transforms/gaussian.js';
import { normClip } from './transforms/norm-clip.js';
import { qsgd } from './transforms/qsgd.js';
import { sign } from './transforms/sign.js';
import { topK } from './transforms/top-k.js';

/** The strategies that ship with fedx. */
export const strategies: readonly Plugin[] = [
  fedavg,
  fedavgm,
  fedadagrad,
  fedadam,
  fedyogi,
  fedprox,
  scaffold,
  fednova,
  feddyn,
  moon,
  mimelite,
  qfedavg,
  fedmedian,
  trimmedMean,
  krum,
  multiKrum,
  bulyan,
  geometricMedian,
  ditto,
  fedper,
  fedbn,
];

/** The client samplers that ship with fedx. */
export const samplers: readonly Plugin[] = [all, uniform, poisson, fixed, availability, powerOfChoice];

/** The transforms that ship with fedx. */
export const transforms: readonly Plugin[] = [normClip, adaptiveClip, gaussianNoise, topK, qsgd, sign];

/** The attacks that ship with fedx. */
export const attacks: readonly Plugin[] = [labelFlip, signFlip, gaussianAttack, scaledReplacement, alie];

export { all, fedavg };
