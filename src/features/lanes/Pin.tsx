/** A drawing pin; text has no sign for it that every system draws alike. */
export function Pin({ filled }: { readonly filled: boolean }) {
  return (
    <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
      <path
        d="M5.5 1.8h5l-.7 1.6v3.2l2.4 2.2v1.4H3.8V8.8l2.4-2.2V3.4z"
        fill={filled ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinejoin="round"
      />
      <path d="M8 10.2v4.6" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" />
    </svg>
  );
}
