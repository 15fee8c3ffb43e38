import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { listenForInterruption } from './interruption.js';

function signals() {
  const killed: (readonly [number, string])[] = [];
  const kill = (pid: number, signal: string) => void killed.push([pid, signal]);
  return Object.assign(new EventEmitter(), { pid: 7, killed, kill });
}

describe('listenForInterruption', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('aborts on the first %s and dies of SIGINT on the second', (signal) => {
    const source = signals();
    const interruption = listenForInterruption(source, new PassThrough());
    expect(interruption.signal.aborted).toBe(false);
    source.emit(signal, signal);
    expect(interruption.signal.aborted).toBe(true);
    expect(source.killed).toEqual([]);
    source.emit(signal, signal);
    expect(source.killed).toEqual([[7, 'SIGINT']]);
    expect(source.listenerCount('SIGINT')).toBe(0);
    expect(interruption.unread()).toBe(false);
  });

  it('aborts when the terminal is gone, however often that is said', () => {
    const source = signals();
    const interruption = listenForInterruption(source, new PassThrough());
    for (let i = 0; i < 3; i++) source.emit('SIGHUP', 'SIGHUP');
    expect(interruption.signal.aborted).toBe(true);
    expect(source.killed).toEqual([]);
  });

  it('aborts when nobody reads stdout any more', () => {
    const stdout = new PassThrough();
    const interruption = listenForInterruption(signals(), stdout);
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.unread()).toBe(true);
  });

  it('listens no more once released', () => {
    const source = signals();
    const stdout = new PassThrough();
    listenForInterruption(source, stdout).release();
    expect(source.eventNames()).toEqual([]);
    expect(stdout.listenerCount('error')).toBe(0);
  });
});
