import { test } from 'node:test';
import { samplerConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of samplerConformance(plugin, { options: { clients: 4 } })) void test(title, run);
