import { quantityMilli, quantityValue } from '../../../shared/machinery/quantity.ts'

/** Thousandths of a quantity, rounded up; 0 for none. */
export const milliOf = (quantity: string | undefined): number => (quantity === undefined ? 0 : quantityMilli(quantity))

/** Whole units of a quantity, rounded up; 0 for none. */
export const valueOf = (quantity: string | undefined): number => (quantity === undefined ? 0 : quantityValue(quantity))
