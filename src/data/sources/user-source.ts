import { Account } from './account.js';
import { guardImage } from './image-guard.js';
import { LeftOut } from './left-out.js';
import type { Source, SourceDocument, SourceImage } from './source.js';

/** Opens a picture of the data: see {@link guardImage}. */
export type OpenImage = (id: string, source: string | Buffer) => Promise<SourceImage>;

/** A format of somebody's own data. */
export interface Format<Record> {
  readonly name: string;
  /** What the files hold, one after another; a LeftOut in the place of what cannot even be read as a record. */
  records(): AsyncIterable<Record | LeftOut>;
  /**
   * The documents that one record gives.
   * @throws LeftOut where it breaks a rule
   */
  documents(record: Record, openImage: OpenImage): Promise<SourceDocument[]>;
}

/**
 * A source of somebody's own data: what breaks a rule is left out and counted by its reason, and the walk stops with
 * E_DATA where that is more than 1% of the records, judged from the 200th on and at the end.
 */
export function userSource<Record>(format: Format<Record>): Source {
  let latest = new Account(format.name);
  return {
    name: format.name,
    licence: "the user's own",
    tally: () => latest.tally(),
    async *documents() {
      const account = new Account(format.name);
      latest = account;
      const openImage: OpenImage = (id, source) => guardImage(id, source, account);
      for await (const record of format.records()) {
        account.see();
        try {
          if (record instanceof LeftOut) throw record;
          yield* await format.documents(record, openImage);
        } catch (fault) {
          if (!(fault instanceof LeftOut)) throw fault;
          account.leaveOut(fault.reason);
        }
      }
      account.end();
    },
  };
}
