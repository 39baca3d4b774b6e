// Which names are good, and which two are the same? A name is kept in Unicode's compatibility form (NFKC: full-width,
// mathematical and other dressed-up letters become plain ones) and compared without case. What cannot be seen is
// refused, and so is a mixture of scripts whose letters look like Latin ones, as a Cyrillic a in "admin". Names in one
// script, Korean and Latin together, accents and emoji are good. Source: Unicode UTS #39 (security), UAX #15
// (normalization).

/** Controls, invisible and reordering characters, fillers, and the blank braille pattern. */
const invisible = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const blanks = /\p{Zs}+/gu;
const latin = /\p{Script=Latin}/u;
const cyrillic = /\p{Script=Cyrillic}/u;
const greek = /[\p{Script=Greek}\p{Script=Coptic}]/u;
const otherLikeLatin = /[\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;
/** On nothing, or piled up, a mark covers its neighbours. */
const strayMarks = /^\p{M}|\s\p{M}|\p{M}{4}/u;

export const invisibleText = "must not contain invisible or control characters";
export const lookAlikeText = "must not mix letters of scripts that look alike, or pile up marks";

/** The form in which a name is kept and shown. */
export const normalName = (text: string): string => text.normalize("NFKC").replaceAll(blanks, " ").trim();

/**
 * Equal for names that people take for the same, also for those of a time when what is hidden was let in. Through upper
 * case, which joins what lower case keeps apart (ß and ss, ı and i).
 */
export const nameKey = (name: string): string =>
  normalName(name.replaceAll(invisible, "")).toUpperCase().toLowerCase().normalize("NFKC");

/** Emoji are made with invisible joiners; these are seen. */
export const isVisible = (text: string): boolean => text.replaceAll(/\p{RGI_Emoji}/gv, "x").search(invisible) === -1;

/** Whether no letter of the name poses as one of another script. */
export const isUnambiguous = (name: string): boolean =>
  [latin, cyrillic, greek, otherLikeLatin].filter((script) => script.test(name)).length < 2 && !strayMarks.test(name);
