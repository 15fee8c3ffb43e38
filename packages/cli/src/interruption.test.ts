import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { listenForInterruption } from './interruption.js';

function signals() {
  const exits: number[] = [];
  return Object.assign(new EventEmitter(), { exits, exit: (code: number) => void exits.push(code) });
}

describe('listenForInterruption', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('aborts on the first %s and exits with 130 on the second', (signal) => {
    const source = signals();
    const interruption = listenForInterruption(source, new PassThrough());
    expect(interruption.signal.aborted).toBe(false);
    source.emit(signal, signal);
    expect(interruption.signal.aborted).toBe(true);
    expect(source.exits).toEqual([]);
    source.emit(signal, signal);
    expect(source.exits).toEqual([130]);
    expect(interruption.unread()).toBe(false);
  });

  it('aborts when the terminal is gone, however often that is said', () => {
    const source = signals();
    const interruption = listenForInterruption(source, new PassThrough());
    for (let i = 0; i < 3; i++) source.emit('SIGHUP', 'SIGHUP');
    expect(interruption.signal.aborted).toBe(true);
    expect(source.exits).toEqual([]);
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
