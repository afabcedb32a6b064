// How strong a password is, in words. Length is what counts most; what is easily guessed is said, not refused:
// the center decides what it takes (12 characters and more).

export type Strength = "short" | "guessable" | "fair" | "good" | "strong";
export const least = 12;

export function strength(password: string, name = ""): Strength {
  const length = [...password].length;
  if (length < least) return "short";
  const plain = password.toLowerCase();
  const different = new Set(plain).size;
  const run = /(.)\1{3,}|0123|1234|2345|3456|4567|5678|6789|abcd|qwer|asdf|pass|yagura/.test(plain);
  if (different < 6 || (name.length > 2 && plain.includes(name.toLowerCase()))) return "guessable";
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const score = length + kinds * 2 + Math.min(different, 12) / 2 - (run ? 6 : 0);
  if (score < 21) return "fair";
  return score < 28 ? "good" : "strong";
}
