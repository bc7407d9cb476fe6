/** The remedy of errors that no program should meet. */
export const FAULT = "This is a fault of Cotangent: please report it, with the program that leads here";
