import { FedxError } from '@fedx/core';

/** A setup lacks a program; `install` is the command that brings it. */
function missingProgram(what: string, install: string): FedxError {
  return new FedxError('FEDX_SETUP_PREREQUISITE', `This setup needs ${what}, and there is none.`, {
    hint: `${install} Then start the setup again: it goes on where it stopped.`,
  });
}

/** Throws FEDX_SETUP_PREREQUISITE where no binding can be built. */
export function assertPlatform(platform: NodeJS.Platform): void {
  if (platform === 'linux') return;
  throw new FedxError(
    'FEDX_SETUP_PREREQUISITE',
    `fedx builds TensorFlow's binding on Linux only, and this is ${platform}.`,
    {
      hint: 'Install the npm package @tensorflow/tfjs-node with its install script: engine.use=tensorflow finds it.',
    },
  );
}

export const noPython = missingProgram(
  'Python 3.10 or later, as python3',
  'Install it: apt-get install python3 python3-venv, or dnf install python3.',
);

export const oldPython = missingProgram(
  'Python 3.10 or later, and python3 is an older one',
  'Install a newer one, so that python3 is it.',
);

export const noCompiler = missingProgram(
  'a C++ compiler, as c++ (or as the environment variable CXX names it)',
  'Install one: apt-get install g++, or dnf install gcc-c++.',
);

export const noNpm = missingProgram('npm', 'Install it; it comes with Node.');

export const noTar = missingProgram('tar', 'Install it: apt-get install tar, or dnf install tar.');

/** What Debian leaves out of its Python. */
export const noVenv = missingProgram(
  "Python's venv and pip",
  'Install them: apt-get install python3-venv, or dnf install python3-pip.',
);
