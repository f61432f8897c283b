// The MIDI files of folders that are chosen or dropped.

/** @typedef {{path: string, file: File}} Listed */

/** Whether a drop holds a folder or several files. @param {DataTransfer} transfer */
export const isFolder = ({ files, items }) => files.length > 1 || Boolean(items[0]?.webkitGetAsEntry?.()?.isDirectory);

/** List what a field of the page has chosen. @param {Iterable<File>} files @param {string[]} endings */
export const listed = (files, endings) => sorted([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })), endings);

/** List what was dropped; to be called while the drop is handled. @param {DataTransfer} transfer @param {string[]} endings @returns {Promise<Listed[]>} */
export async function dropped({ files, items }, endings) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return listed(files, endings);
  return sorted((await Promise.all(entries.map(below))).flat(), endings);
}

/** @param {Listed[]} files @param {string[]} endings */
function sorted(files, endings) {
  const midi = files.filter(({ path }) => endings.some((ending) => path.toLowerCase().endsWith(ending)));
  return midi.sort((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)));
}

/** The files below an entry. @param {any} entry @returns {Promise<Listed[]>} */
async function below(entry) {
  if (entry.isFile) return [{ path: entry.fullPath.slice(1), file: await new Promise((resolve, reject) => entry.file(resolve, reject)) }];
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length) return found;
    for (const inner of some) found.push(...(await below(inner)));
  }
}
