/** A cloud region: where it is, and what people call it here. */
export interface Region {
  /** What the network file says, such as `frankfurt`. */
  readonly name: string;
  /** What the provider calls it, such as `eu-central-1`. */
  readonly code: string;
  readonly city: string;
  /** ISO 3166-1, two letters. */
  readonly country: string;
  /** Degrees, of the city. */
  readonly latitude: number;
  readonly longitude: number;
}

type Row = [name: string, code: string, city: string, country: string, latitude: number, longitude: number];

const ROWS: readonly Row[] = [
  ["virginia", "us-east-1", "Ashburn", "US", 39.04, -77.49],
  ["ohio", "us-east-2", "Columbus", "US", 39.96, -83.0],
  ["california", "us-west-1", "San Jose", "US", 37.34, -121.89],
  ["oregon", "us-west-2", "Boardman", "US", 45.84, -119.7],
  ["montreal", "ca-central-1", "Montreal", "CA", 45.5, -73.57],
  ["sao-paulo", "sa-east-1", "Sao Paulo", "BR", -23.55, -46.63],
  ["ireland", "eu-west-1", "Dublin", "IE", 53.35, -6.26],
  ["london", "eu-west-2", "London", "GB", 51.51, -0.13],
  ["paris", "eu-west-3", "Paris", "FR", 48.86, 2.35],
  ["frankfurt", "eu-central-1", "Frankfurt", "DE", 50.11, 8.68],
  ["milan", "eu-south-1", "Milan", "IT", 45.46, 9.19],
  ["stockholm", "eu-north-1", "Stockholm", "SE", 59.33, 18.07],
  ["bahrain", "me-south-1", "Manama", "BH", 26.23, 50.59],
  ["cape-town", "af-south-1", "Cape Town", "ZA", -33.92, 18.42],
  ["mumbai", "ap-south-1", "Mumbai", "IN", 19.08, 72.88],
  ["singapore", "ap-southeast-1", "Singapore", "SG", 1.35, 103.82],
  ["hong-kong", "ap-east-1", "Hong Kong", "HK", 22.32, 114.17],
  ["seoul", "ap-northeast-2", "Seoul", "KR", 37.57, 126.98],
  ["osaka", "ap-northeast-3", "Osaka", "JP", 34.69, 135.5],
  ["tokyo", "ap-northeast-1", "Tokyo", "JP", 35.68, 139.69],
  ["sydney", "ap-southeast-2", "Sydney", "AU", -33.87, 151.21],
];

export const REGIONS: readonly Region[] = ROWS.map(([name, code, city, country, latitude, longitude]) => ({
  name,
  code,
  city,
  country,
  latitude,
  longitude,
}));

/** No such region. The message lists those that there are. */
export class UnknownRegionError extends Error {
  override readonly name = "UnknownRegionError";
  readonly region: string;
  constructor(region: string) {
    super(`unknown region ${JSON.stringify(region)}; the regions are ${REGIONS.map((one) => one.name).join(", ")}`);
    this.region = region;
  }
}

const byName = new Map(REGIONS.flatMap((one) => [[one.name, one] as const, [one.code, one] as const]));

/**
 * @param nameOrCode such as `frankfurt` or `eu-central-1`
 * @throws UnknownRegionError
 */
export function findRegion(nameOrCode: string): Region {
  const region = byName.get(nameOrCode);
  if (region === undefined) throw new UnknownRegionError(nameOrCode);
  return region;
}

const EARTH_RADIUS_KM = 6371;

/** Great-circle distance between two regions (haversine), kilometres. */
export function distanceKm(a: string, b: string): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [from, to] = [findRegion(a), findRegion(b)];
  const latitude = Math.sin(radians(to.latitude - from.latitude) / 2) ** 2;
  const longitude = Math.sin(radians(to.longitude - from.longitude) / 2) ** 2;
  const across = Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude));
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(latitude + across * longitude));
}
