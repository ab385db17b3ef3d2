import styles from './ChartMarks.module.css';

export interface ChartMark {
  /** In CSS pixels from the chart's left edge. */
  readonly x: number;
  /** Beside the line, in a few words. */
  readonly label: string;
  /** A CSS value such as `var(--ink)`. */
  readonly colour: string;
  readonly dashed?: boolean;
}

interface ChartMarksProps {
  readonly marks: readonly ChartMark[];
  /** Of the chart, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Where lines begin and end, in CSS pixels from the chart's upper edge. */
  readonly top: number;
  readonly bottom: number;
}

/** Between the labels of two marks, which stand below each other so that they never meet. */
const LINE = 17;
/** Room that a label takes beside its line, and the axis at its left. */
const LABEL = 90;

/**
 * Upright lines over a chart, each with its label. They lie on a layer of their own: one that moves leaves the chart
 * below as it is painted. `saveFigure` puts them into the saved picture.
 */
export function ChartMarks({ marks, width, height, top, bottom }: ChartMarksProps) {
  return (
    <svg className={styles.marks} width={width} height={height} data-marks="" aria-hidden="true">
      {marks.map(({ x, label, colour, dashed = false }, i) => {
        // Away from the other lines, where there is room.
        const before = marks.some((other) => other.x > x) ? x > LABEL : x > width - LABEL;
        return (
          <g key={i} transform={`translate(${x} 0)`}>
            <line
              y1={top}
              y2={bottom}
              stroke={colour}
              strokeWidth={2}
              // A whole line would hide the chart's own marks at its place.
              {...(dashed ? { strokeDasharray: '6 4' } : { strokeOpacity: 0.55 })}
            />
            <text
              x={before ? -6 : 6}
              y={top + 12 + LINE * i}
              textAnchor={before ? 'end' : 'start'}
              fontSize={12}
              fontWeight={600}
              fill={colour}
              stroke="var(--paper)"
              strokeWidth={4}
              strokeLinejoin="round"
              paintOrder="stroke"
            >
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
