import { describe, expect, it } from 'vitest';
import { type ArtifactOwners, findArtifacts, parseModelAddress } from './artifact-owner.js';

describe('parseModelAddress', () => {
  // What `_parse_model_uri` and `split_models_uri` of mlflow 3.17 say of the same.
  it.each([
    ['models:/m-0123456789abcdef', { id: 'm-0123456789abcdef' }, ''],
    ['models:/digits/12', { name: 'digits', version: '12' }, ''],
    ['models:/digits/12/', { name: 'digits', version: '12' }, ''],
    ['models:/digits/12/data/model.onnx', { name: 'digits', version: '12' }, 'data/model.onnx'],
    ['models:/two words@champion', { name: 'two words', alias: 'champion' }, ''],
    ['models:/digits@champion/data', { name: 'digits', alias: 'champion' }, 'data'],
    ['models:/me@home@champion', { name: 'me@home', alias: 'champion' }, ''],
    ['models:/digits/Latest', { name: 'digits' }, ''],
    ['models:/digits/Production', { name: 'digits', stage: 'Production' }, ''],
  ])('reads %s as Python’s client does', (address, model, path) => {
    expect(parseModelAddress(address)).toEqual({ model, path });
  });

  it.each(['models:/', 'models:/ /1', 'models:/@champion', 'models:/digits@', 'models:/digits/ '])(
    'refuses %j',
    (address) => {
      expect(() => parseModelAddress(address)).toThrow(expect.objectContaining({ code: 'CLIENT_INVALID_ARGUMENT' }));
    },
  );
});

describe('findArtifacts', () => {
  it('gives up where a server’s answers lead in a circle', async () => {
    const never = (): Promise<never> => Promise.reject(new Error('not asked'));
    const circle: ArtifactOwners = {
      runs: { get: never },
      loggedModels: { get: never },
      registeredModels: { getByAlias: never },
      modelVersions: { latest: never, downloadUri: () => Promise.resolve('models:/digits/1') },
    };
    await expect(findArtifacts(circle, { artifactUri: 'models:/digits/1' }, { toRead: true })).rejects.toMatchObject({
      code: 'CLIENT_INVALID_RESPONSE',
    });
  });
});
