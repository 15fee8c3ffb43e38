import { test } from 'node:test';
import { datasetConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of datasetConformance(plugin, { options: { examples: 400 }, variants: [{ examples: 40 }] }))
  void test(title, run);
