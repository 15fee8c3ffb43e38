import { MlflowError } from './mlflow-error.js';
import { optionalText, type Wire } from './wire.js';

/**
 * The items of all pages, in order; a page is fetched when the one before has been read. `fetchPage` gets the token of
 * the page that it is to fetch, undefined for the first.
 */
export async function* readPages<Item>(
  fetchPage: (token: string | undefined) => Promise<Wire>,
  items: (page: Wire) => readonly Item[],
): AsyncGenerator<Item, void, undefined> {
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    yield* items(page);
    const next = optionalText(page, 'next_page_token');
    if (next !== undefined && next === token) {
      throw new MlflowError('CLIENT_INVALID_RESPONSE', 'The server answered with the same page over and over.');
    }
    token = next;
  } while (token !== undefined);
}
