import { test } from 'node:test';
import { optimizerConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of optimizerConformance(plugin, { options: { learningRate: 0.1 } })) void test(title, run);
