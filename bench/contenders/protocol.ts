/** The side of a peer in the conversation that peers/protocol.py describes, for peers in TypeScript. */
import { createInterface } from 'node:readline';

/** What the driver asks for first. */
export interface PrepareRequest {
  /** The data folder. */
  readonly data: string;
  readonly threads: number;
}

export interface StepsReply {
  readonly microsecondsPerStep: number;
  readonly steps: number;
}

export interface RoundReply {
  readonly seconds: number;
  /** NaN where nothing was evaluated. */
  readonly loss: number;
  /** On the test set, in `[0, 1]`. */
  readonly accuracy: number;
}

/** What can be measured: a local step, a round, and a round without its evaluation. */
export type Measure = 'steps' | 'round' | 'train-round';

/** What a peer can do once it is prepared, warmed up. */
export interface Commands {
  readonly steps?: () => Promise<StepsReply>;
  readonly round?: () => Promise<RoundReply>;
  readonly 'train-round'?: () => Promise<RoundReply>;
  readonly exit?: () => Promise<void>;
}

type Request = ({ readonly cmd: 'prepare' } & PrepareRequest) | { readonly cmd: Measure | 'exit' };

/** Answers the driver on stdin and stdout until it says `exit` or closes the pipe. */
export async function serve(
  versions: Readonly<Record<string, string>>,
  prepare: (request: PrepareRequest) => Promise<Commands>,
): Promise<void> {
  let commands: Commands = {};
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    if (request.cmd === 'exit') break;
    if (request.cmd === 'prepare') {
      const start = performance.now();
      commands = await prepare(request);
      answer({ ready: true, versions, prepareSeconds: (performance.now() - start) / 1000 });
    } else {
      answer((await commands[request.cmd]?.()) ?? { unsupported: true });
    }
  }
  await commands.exit?.();
}

function answer(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
