/**
 * Merge three versions of a text line by line.
 *
 * The answer has the lines of both sides; where they cannot be told together, a conflict in the form of
 * `git merge-file --diff3` (git-merge-file(1)): marks of `length` characters with the labels `ours`,
 * `base` and `theirs`. `length` is one that no line of the texts begins with.
 *
 * @throws IfBoardError `git/failed` where the texts are binary to git
 */
export type TextMerge = (
  texts: { readonly base: string; readonly ours: string; readonly theirs: string },
  length: number,
) => Promise<string>
