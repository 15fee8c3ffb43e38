import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import {
  type CompletionItem,
  type CompletionList,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node.js';

/** An editor with the YAML language server, as VS Code, Neovim and others run it. */
export interface YamlEditor {
  /** What the server marks in `text`, were it the file at `url`. */
  readonly diagnose: (url: URL, text: string) => Promise<readonly Diagnostic[]>;
  /** What the server offers where `text` has `|`. */
  readonly complete: (url: URL, text: string) => Promise<readonly CompletionItem[]>;
  readonly close: () => Promise<void>;
}

const settings = { validate: true, completion: true, schemaStore: { enable: false } };

/** Starts the server. It finds the schema by the header of each text. */
export async function openYamlEditor(): Promise<YamlEditor> {
  const program = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const server = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const waiting = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
  server.onRequest(ConfigurationRequest.type, ({ items }) =>
    items.map(({ section }) => (section === 'yaml' ? settings : {})),
  );
  server.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => waiting.get(uri)?.(diagnostics));
  server.listen();
  await server.sendRequest(InitializeRequest.method, {
    processId: process.pid,
    capabilities: { workspace: { configuration: true }, textDocument: { completion: { contextSupport: true } } },
  });
  await server.sendNotification(InitializedNotification.type, {});
  let opened = 0;

  /** Opens `text` beside `url`: each text has an address of its own, so that no answer is about an earlier one. */
  async function open(url: URL, text: string): Promise<string> {
    const uri = new URL(`${opened++}-${url.pathname.split('/').at(-1) ?? ''}`, url).href;
    await server.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return uri;
  }

  return {
    diagnose: (url, text) =>
      new Promise((resolve, reject) => {
        const answer = (uri: string): void => {
          waiting.set(uri, resolve);
        };
        open(url, text).then(answer, reject);
      }),
    async complete(url, text) {
      const before = text.slice(0, text.indexOf('|')).split('\n');
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
      const uri = await open(url, text.replace('|', ''));
      const answer = await server.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
      return itemsOf(answer);
    },
    async close() {
      await server.sendRequest(ShutdownRequest.type);
      await server.sendNotification(ExitNotification.type);
      server.dispose();
      child.kill();
    },
  };
}

function itemsOf(answer: CompletionItem[] | CompletionList | null): readonly CompletionItem[] {
  return answer === null ? [] : Array.isArray(answer) ? answer : answer.items;
}
