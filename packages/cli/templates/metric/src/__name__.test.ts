import { test } from 'node:test';
import { metricConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of metricConformance(plugin, { options: { power: 2 } })) void test(title, run);
