import { test } from 'node:test';
import { transformConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of transformConformance(plugin, { options: { norm: 0.5 } })) void test(title, run);
