import { test } from 'node:test';
import { scheduleConformance } from '@fedx/core/testing';
import plugin from './__name__.js';

for (const { title, run } of scheduleConformance(plugin, { options: { offset: 5 } })) void test(title, run);
