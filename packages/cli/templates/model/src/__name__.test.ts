import { test } from 'node:test';
import { modelConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of modelConformance(plugin, { options: { hidden: 5 } })) void test(title, run);
