import { test } from 'node:test';
import { attackConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of attackConformance(plugin)) void test(title, run);
