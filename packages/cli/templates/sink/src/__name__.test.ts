import { test } from 'node:test';
import { sinkConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of sinkConformance(plugin)) void test(title, run);
