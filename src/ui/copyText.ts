/** Puts text on the clipboard. False where the browser does not let us: no permission, or an address that is not secure. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
