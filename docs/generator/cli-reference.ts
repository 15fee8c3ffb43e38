import type { Command } from '@oclif/core/command';
import { readCommands } from './command-manifest.js';
import { markdownTable } from './markdown-table.js';

/** The commands that users see, by name. */
export async function visibleCommands(): Promise<readonly Command.Cached[]> {
  const { commands } = await readCommands();
  return Object.values(commands).filter(({ hidden }) => !hidden);
}

/** docs/cli.md. */
export async function cliReference(): Promise<string> {
  const commands = await visibleCommands();
  const overview = markdownTable(
    ['command', ''],
    commands.map((command) => [`[\`fedx ${nameOf(command)}\`](#${anchorOf(command)})`, command.summary ?? '']),
  );
  return `${[introduction, overview, ...commands.map(commandSection)].join('\n\n')}\n`;
}

const introduction = `# The command line

<!-- Made from the commands themselves: npm run docs. -->

Every command takes \`--help\`, and \`--json\` for exactly one JSON document on stdout, errors too. Exit codes: 0 done, 1 a run
failed, 2 bad usage or invalid spec, 3 an expectation was missed, 4 a plugin failed, 5 environment, 130 interrupted;
[errors.md](errors.md) explains every error. \`NO_COLOR\` turns colours off, \`DEBUG=1\` adds the stack to an error.`;

function commandSection(command: Command.Cached): string {
  const args = Object.values(command.args).filter(({ hidden }) => !hidden);
  const flags = Object.values(command.flags).filter(({ hidden }) => !hidden);
  const usage = args.map(({ name, required }) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`)).join(' ');
  const rows = [
    ...args.map(({ name, description, options }) => [
      `\`${name.toUpperCase()}\``,
      `${description ?? ''}${options === undefined ? '' : ` One of: ${options.join(', ')}.`}`,
    ]),
    ...flags.map((flag) => [
      `\`--${flag.type === 'boolean' && flag.allowNo ? '[no-]' : ''}${flag.name}${flag.type === 'option' ? '=…' : ''}\``,
      `${flag.summary ?? flag.description ?? ''}${flag.type === 'option' && flag.options ? ` One of: ${flag.options.join(', ')}.` : ''}`,
    ]),
  ];
  return [
    `## fedx ${nameOf(command)}`,
    command.summary ?? '',
    `\`fedx ${nameOf(command)} ${usage}\``.replace(/ `$/, '`'),
    filledIn(command.description ?? '', command),
    markdownTable(['', ''], rows),
    `\`\`\`text\n${examplesOf(command).join('\n')}\n\`\`\``,
  ].join('\n\n');
}

/** A command's examples as they are typed. */
function examplesOf(command: Command.Cached): readonly string[] {
  return (command.examples ?? []).map((example) =>
    filledIn(typeof example === 'string' ? example : example.command, command),
  );
}

function filledIn(text: string, command: Command.Cached): string {
  return text.replaceAll('<%= config.bin %>', 'fedx').replaceAll('<%= command.id %>', nameOf(command));
}

function nameOf({ id }: Command.Cached): string {
  return id.replaceAll(':', ' ');
}

function anchorOf(command: Command.Cached): string {
  return `fedx-${nameOf(command).replaceAll(' ', '-')}`;
}
