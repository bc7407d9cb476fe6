// The 23 flights of the Space Shuttle before Challenger: the temperature of the joints at launch in degrees Fahrenheit, and
// whether an O-ring showed thermal distress. Dalal, Fowlkes and Hoadley, Risk Analysis of the Space Shuttle:
// Pre-Challenger Prediction of Failure, Journal of the American Statistical Association 84, 1989, table 1.

export const temperature = [
  53, 57, 58, 63, 66, 67, 67, 67, 68, 69, 70, 70, 70, 70, 72, 73, 75, 75, 76, 76, 78, 79, 81,
];
export const distress = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0];
