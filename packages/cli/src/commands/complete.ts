import { Command } from '@oclif/core/command';
import { type CommandShape, candidatesFor, readSpecSchema, specFiles } from '../completion/index.js';
import { writeLine } from '../terminal.js';

/** `fedx complete -- WORD… CURRENT`: what could stand at the cursor. The scripts of `fedx completion` call it. */
export class Complete extends Command {
  static override summary = 'Answer a shell that completes a command line.';
  static override description =
    'Prints a candidate a line, a tab, and what it means. The last word is the one to complete.';
  static override examples = ['<%= config.bin %> <%= command.id %> -- run experiments/'];
  static override hidden = true;
  static override strict = false;

  override async run(): Promise<void> {
    const words = this.argv.slice(this.argv.indexOf('--') + 1).map(unquoted);
    const found = await candidatesFor(words.slice(0, -1), words.at(-1) ?? '', {
      commands: this.config.commands.filter(({ hidden }) => !hidden).map(shapeOf),
      specFiles,
      draftSpec: async (file, overrides) => (await import('@fedx/core/host')).draftSpec(file, overrides),
      specSchema: readSpecSchema,
    });
    for (const { value, description } of found) {
      writeLine(process.stdout, description === undefined ? value : `${value}\t${description}`);
    }
  }
}

/** A word as a shell would pass it on: shells ask with words as they are typed. */
function unquoted(word: string): string {
  return word.replaceAll(/\\(.)|['"]/g, '$1');
}

function shapeOf({ id, summary, args, flags }: Command.Loadable): CommandShape {
  return {
    words: id.split(':'),
    summary,
    args: Object.values(args)
      .filter(({ hidden }) => hidden !== true)
      .map(({ name, options }) => ({ name, options })),
    flags: Object.values(flags)
      .filter(({ hidden }) => hidden !== true)
      .map((flag) => ({
        name: flag.name,
        description: flag.summary ?? flag.description,
        takesValue: flag.type === 'option',
        options: flag.type === 'option' ? flag.options : undefined,
      })),
  };
}
