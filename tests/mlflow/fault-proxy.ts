import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type PeerCertificate, TLSSocket } from 'node:tls';

/** What the proxy does with a request. */
export type Fault =
  /** Hands it on, and the answer back. */
  | { readonly do: 'pass' }
  /** Answers by itself; the server never hears of it. */
  | {
      readonly do: 'refuse';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Hands it on, waits until the server has answered, and says nothing of it: resets the connection, or is silent. */
  | { readonly do: 'lose-answer' }
  | { readonly do: 'stall' }
  /** Resets the connection; the server never hears of it. */
  | { readonly do: 'reset' }
  /** Sends this many bytes of the answer's body, then resets. */
  | { readonly do: 'cut'; readonly bytes: number };

export interface ProxiedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Whom the client's certificate names, where it showed one. */
  readonly clientName?: string | undefined;
}

export interface FaultProxy {
  readonly uri: string;
  /** Everything that came in so far. */
  readonly requests: readonly ProxiedRequest[];
  /** Those of them that the real server was given. */
  readonly forwarded: readonly ProxiedRequest[];
  /** Decides about the requests from now on. */
  decide(choose: (request: ProxiedRequest) => Fault): void;
  /** The next requests meet these, one after the other; those behind pass. */
  plan(...faults: readonly Fault[]): void;
  close(): Promise<void>;
}

/** An HTTP server on loopback that stands in front of a real one and misbehaves as it is told. */
export async function startFaultProxy(target: string, tls?: ServerOptions): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  const forwarded: ProxiedRequest[] = [];
  let choose: (request: ProxiedRequest) => Fault = () => ({ do: 'pass' });

  const handle = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { headers, method = 'GET', url: path = '/' } = incoming;
    const request = { method, path, headers, body: Buffer.concat(chunks), clientName: clientName(incoming) };
    requests.push(request);
    const fault = choose(request);
    if (fault.do !== 'refuse' && fault.do !== 'reset') forwarded.push(request);
    await misbehave(target, request, fault, incoming, answer);
  };
  const listener = (incoming: IncomingMessage, answer: ServerResponse): void => {
    handle(incoming, answer).catch(() => {
      // The server behind is gone, or the client is: either way the client sees a broken connection.
      incoming.socket.destroy();
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('A listening server has an address.');
  return {
    uri: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    requests,
    forwarded,
    decide: (decision) => {
      choose = decision;
    },
    plan: (...faults) => {
      const left = [...faults];
      choose = () => left.shift() ?? { do: 'pass' };
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function clientName({ socket }: IncomingMessage): string | undefined {
  // With no certificate Node answers an empty object.
  const subject =
    socket instanceof TLSSocket ? (socket.getPeerCertificate() as Partial<PeerCertificate>).subject : undefined;
  return typeof subject?.CN === 'string' ? subject.CN : undefined;
}

async function misbehave(
  target: string,
  request: ProxiedRequest,
  fault: Fault,
  { socket }: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  if (fault.do === 'refuse') {
    answer.writeHead(fault.status, fault.headers).end(fault.body ?? '');
    return;
  }
  if (fault.do === 'reset') {
    socket.resetAndDestroy();
    return;
  }
  const { body, headers, status } = await forward(target, request);
  if (fault.do === 'lose-answer') socket.resetAndDestroy();
  else if (fault.do === 'cut') {
    answer.writeHead(status, headers);
    answer.write(body.subarray(0, fault.bytes), () => socket.resetAndDestroy());
  } else if (fault.do === 'pass') answer.writeHead(status, headers).end(body);
}

/** Asks the real server, on a connection of its own. */
async function forward(
  target: string,
  { body, headers, method, path }: ProxiedRequest,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  const { 'transfer-encoding': _, ...kept } = headers;
  const outgoing = httpRequest(new URL(path, target), {
    method,
    agent: false,
    headers: { ...kept, host: new URL(target).host, ...(body.length > 0 ? { 'content-length': body.length } : {}) },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { 'transfer-encoding': __, ...answered } = response.headers;
  return { status: response.statusCode ?? 0, headers: answered, body: Buffer.concat(chunks) };
}
