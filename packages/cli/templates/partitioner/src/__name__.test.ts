import { test } from 'node:test';
import { partitionerConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of partitionerConformance(plugin, { options: { clients: 8 } })) void test(title, run);
